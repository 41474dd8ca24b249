// Corrections on a bulletin's page: tap a word or mark a phrase, and the form opens in a dialog.
// Without this script every marked piece is a link to the same form on a page of its own.
const text = document.querySelector("[data-correct]");
const dialog = document.getElementById("correction");
const marked = document.getElementById("correct-selection");
const LONGEST = 100; // characters that an entry of the dictionary may have

if (text && dialog) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-written]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    ask(link.dataset.written);
  });
  text.addEventListener("click", (event) => {
    if (event.target.closest("a, button, del") || chosen()) return;
    const word = wordAt(event.clientX, event.clientY);
    if (word) ask(word);
  });
  document.addEventListener("selectionchange", () => {
    const phrase = chosen();
    marked.hidden = !phrase;
    marked.querySelector("span").textContent = `Sửa cách đọc «${phrase}»`;
  });
  marked.addEventListener("click", () => ask(chosen()));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === dialog && !dialog.open) dialog.showModal();
    if (event.target.id === "flash") {
      dialog.close(); // what was refused is said behind it, at the top of the page
      event.target.scrollIntoView({ block: "center" });
    } else if (dialog.open) {
      const empty = dialog.querySelector("#written[value='']");
      (dialog.querySelector("[aria-invalid=true]") ?? empty ?? dialog.querySelector("#spoken"))?.select();
    }
  });
}

function ask(written) {
  marked.hidden = true;
  const address = `${text.dataset.correct}?chu=${encodeURIComponent(written)}`;
  window.htmx.ajax("GET", address, { target: "#correction", swap: "innerHTML" });
}

// The phrase that is marked inside the text, as it is written: without how it is said.
function chosen() {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return "";
  const copy = range.cloneContents();
  copy.querySelectorAll(".as-said, .unseen, form").forEach((part) => part.remove());
  const phrase = copy.textContent.replace(/\s+/g, " ").trim();
  return phrase.length <= LONGEST ? phrase : "";
}

function wordAt(x, y) {
  const caret = document.caretPositionFromPoint
    ? document.caretPositionFromPoint(x, y)
    : document.caretRangeFromPoint(x, y);
  const node = caret?.offsetNode ?? caret?.startContainer;
  if (node?.nodeType !== Node.TEXT_NODE) return "";
  const at = caret.offset ?? caret.startOffset;
  const before = node.data.slice(0, at).match(/\S*$/)[0];
  const after = node.data.slice(at).match(/^\S*/)[0];
  return (before + after).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}
