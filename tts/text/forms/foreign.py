"""Signs and names from abroad that everybody says by their letters, or by a habit of their own."""

from tts.text.letters import spell

_SPELLED = (
    "ATM QR pH TV PC PCR MRI ADN DNA GPS BTS SMS MMS USB PVC PPR PE PP HDPE UPVC BOT PPP EU WTO FTA IMF ADB EC IP CCTV"
    " FM AM HD VIP SOS BMI ICU HPV HBV HCV NPK SPF VAT CPTPP EVFTA DDT GMO CEO CNG LPG LNG"
    " NGO IUCN ABC ONT ODT LUC LUK BHK SKC TMD RSX RPH ISBN IMEI RON OM GPA"
)
FOREIGN = {form: spell(form) for form in _SPELLED.split()} | {
    "TCVN": "tiêu chuẩn Việt Nam", "QCVN": "quy chuẩn Việt Nam", "QCKTQG": "quy chuẩn kỹ thuật quốc gia",
    "TCCS": "tiêu chuẩn cơ sở", "HACCP": "hát xê xê pê", "UNICEF": "u ni xép", "VietGAP": "việt gáp",
    "GlobalGAP": "gờ lô bồ gáp", "FAO": "phao", "APEC": "a péc", "NATO": "na tô", "FIFA": "phi pha", "LED": "lét",
    "USA": "u ét a", "UAE": "u a e", "ISO": "i sô", "VN-Index": "vi en in đéc", "SEA": "sea", "IoT": "ai ô tê",
}  # fmt: skip
