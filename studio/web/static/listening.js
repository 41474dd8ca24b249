// The text runs along with the sound: the sentence that is heard is marked, a click on one jumps there.
// Without this script the player works alone, and each sentence is a link to its place in the sound.
const box = document.querySelector("[data-listening]");
const audio = box?.querySelector("audio");
const sentences = [...(box?.querySelectorAll("[data-start]") ?? [])];
const starts = sentences.map((sentence) => Number(sentence.dataset.start));
const list = box?.querySelector(".sentences");
const wave = box?.querySelector(".wave");
const heard = wave?.querySelector(".heard");
let current = -1;
let reachable = 0; // the one sentence that the Tab key reaches; arrows go on from there

if (audio) {
  for (const happening of ["timeupdate", "seeked", "loadedmetadata", "ended"]) audio.addEventListener(happening, show);
  audio.addEventListener("play", follow);
  wave?.addEventListener("click", (event) => {
    const place = wave.getBoundingClientRect();
    jump(((event.clientX - place.left) / place.width) * length());
  });
  sentences.forEach((sentence, number) => (sentence.tabIndex = number ? -1 : 0));
  list?.addEventListener("click", (event) => {
    const number = sentences.indexOf(event.target.closest("[data-start]"));
    if (number < 0 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    jump(starts[number]);
    audio.play();
  });
  list?.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const to = { Home: 0, End: sentences.length - 1 }[event.key] ?? (by && reachable + by);
    if (to === undefined || !sentences[to]) return;
    event.preventDefault();
    reach(to);
    sentences[to].focus();
  });
}

function length() {
  return Number.isFinite(audio.duration) ? audio.duration : Number(box.dataset.seconds);
}

function jump(seconds) {
  audio.currentTime = seconds;
  show();
}

function follow() {
  show();
  if (!audio.paused) requestAnimationFrame(follow);
}

function show() {
  heard?.setAttribute("width", (heard.dataset.whole * audio.currentTime) / length());
  const now = starts.findLastIndex((start) => start <= audio.currentTime + 0.01);
  if (now === current) return;
  sentences[current]?.removeAttribute("aria-current");
  current = now;
  if (now < 0) return;
  sentences[now].setAttribute("aria-current", "true");
  if (!list.contains(document.activeElement)) reach(now);
  const [line, frame] = [sentences[now].getBoundingClientRect(), list.getBoundingClientRect()];
  if (line.top < frame.top || line.bottom > frame.bottom) list.scrollTop += line.top - frame.top - 24;
}

function reach(number) {
  sentences[reachable].tabIndex = -1;
  reachable = number;
  sentences[number].tabIndex = 0;
}
