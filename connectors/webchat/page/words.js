/* Text and time as shown. Text only ever becomes text nodes; what can be tapped is built by hand. */
"use strict";

/* What in a city's message may be tapped, as [{text, kind}]: a ticket number, a web address, a
 * phone number. Short numbers only from this list, and not where they count (“建设路110号”). */
function links(text) {
  const pattern = new RegExp(
    "(YS\\d{12})|(https?://[\\w.~:/?#@!$&'*+,;=%-]+)|" +
    "(0\\d{2,3}-?\\d{7,8}|1[3-9]\\d{9}|[48]00-?\\d{3}-?\\d{4}|12345" +
    "|123(?:15|19|28|29|33|48|50|56|69|93)|96110|95598|110|119|120|122)", "g");
  const parts = [];
  let end = 0;
  let match;
  while ((match = pattern.exec(text))) {
    const value = match[2] ? match[0].replace(/[.,;:!?']+$/, "") : match[0];
    const start = match.index;
    const next = text.charAt(start + value.length);
    const free = !/[\w.%-]/.test(text.charAt(start - 1)) && !/[\w%]/.test(next);
    const counts = value.length < 6 &&
      /[元块米天个号条名户人次件项年月日时分秒度楼栋室层路里斤吨平万千亿]/.test(next);
    if (match[2] || (free && !counts)) {
      parts.push({ text: text.slice(end, start) });
      parts.push({ text: value, kind: match[1] ? "ticket" : match[2] ? "web" : "phone" });
      end = start + value.length;
    }
    pattern.lastIndex = start + value.length;
  }
  parts.push({ text: text.slice(end) });
  return parts;
}

function clock(at) {
  const two = number => String(number).padStart(2, "0");
  const now = new Date();
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.ceil((midnight - at) / 86400000);
  const year = at.getFullYear() === now.getFullYear() ? "" : at.getFullYear() + "年";
  const day = days <= 0 ? "今天" : days === 1 ? "昨天"
    : year + (at.getMonth() + 1) + "月" + at.getDate() + "日";
  return day + " " + two(at.getHours()) + ":" + two(at.getMinutes());
}

/* Resolves to true when the text was copied. The clipboard interface needs https and Chrome 66. */
function copy(text) {
  if (navigator.clipboard && navigator.clipboard.writeText) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.appendChild(field);
  field.select();
  const done = document.execCommand("copy");
  document.body.removeChild(field);
  return Promise.resolve(done);
}
