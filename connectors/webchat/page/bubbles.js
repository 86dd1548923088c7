/* The conversation as shown: rows of bubbles in the server's order, pictures, and what can be
 * tapped. Text only ever becomes text nodes. `wire` and `openDialog` come from chat.js. */
"use strict";

const GAP_MS = 300000; // a new time line after five quiet minutes
const PLACES = {
  resident: ["mine", "", "您说："],
  bot: ["bot", "应", "应声说："],
  staff: ["staff", "人", "工作人员"],
  system: ["system", "", "系统提示："]
};

const part = {};
document.querySelectorAll("[id]").forEach(element => { part[element.id] = element; });

let section; // one per session; an older one stays readable above
let rows; // as shown: by the server's id, then what is still on its way
let hintTimer = 0;

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text || "";
  return element;
}

function button(className, text, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.onclick = act;
  return element;
}

function hint(text, milliseconds) {
  clearTimeout(hintTimer);
  part.hint.textContent = text;
  part.hint.hidden = !text;
  if (milliseconds) {
    hintTimer = setTimeout(hint, milliseconds, "");
  }
}

function atEnd() {
  return part.scroll.scrollHeight - part.scroll.scrollTop - part.scroll.clientHeight < 120;
}

function toEnd() {
  part.scroll.scrollTop = part.scroll.scrollHeight;
  part.newer.hidden = true;
}

/* Does what changes heights, and keeps the end of the conversation in sight if it was. */
function following(act) {
  const follow = atEnd();
  act();
  if (follow) {
    toEnd();
  }
}

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

function tappable(piece) {
  if (piece.kind === "ticket") {
    const number = button("number", piece.text, () => {
      getSelection().selectAllChildren(number);
      hint(document.execCommand("copy") ? "已复制工单编号" : "请长按复制工单编号", 3000);
    });
    number.setAttribute("aria-label", "工单编号 " + piece.text + "，点按复制");
    return number;
  }
  if (!piece.kind) {
    return document.createTextNode(piece.text);
  }
  const link = make("a", "", piece.text);
  link.href = (piece.kind === "phone" ? "tel:" : "") + piece.text;
  if (piece.kind === "web") {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return link;
}

function picture(blob) {
  const image = make("img", "");
  image.alt = "图片";
  image.src = URL.createObjectURL(blob);
  return image;
}

function showPicture(bubble, blob) {
  const opener = button("", "", () => openDialog("图片", [picture(blob)]));
  const image = picture(blob);
  const follow = atEnd();
  image.onload = () => follow && toEnd();
  opener.setAttribute("aria-label", "查看大图");
  opener.appendChild(image);
  bubble.textContent = "";
  bubble.classList.add("shot");
  bubble.appendChild(opener);
}

function loadPicture(bubble, url) {
  bubble.textContent = "图片载入中…";
  wire.media(url).then(answer => {
    if (answer.status === 200) {
      showPicture(bubble, answer.data);
    } else {
      bubble.textContent = "";
      bubble.appendChild(button("", "图片没有载入，点此重试", () => loadPicture(bubble, url)));
    }
  });
}

function fill(bubble, message) {
  const text = message.text || "（这条内容无法显示）";
  if (message.picture) {
    showPicture(bubble, blobOf(message.picture));
  } else if (message.media_url && message.kind === "image") {
    loadPicture(bubble, message.media_url);
  } else if (message.kind === "location") {
    bubble.appendChild(make("span", "pin"));
    bubble.appendChild(document.createTextNode(message.text || "我的位置"));
  } else if (message.author === "resident") {
    bubble.textContent = text;
  } else {
    links(text).forEach(piece => bubble.appendChild(tappable(piece)));
  }
}

function build(message) {
  const [className, face, voice] = PLACES[message.author] || PLACES.system;
  const row = {
    id: message.id, client_id: message.client_id, own: message.author === "resident",
    at: new Date(message.at), time: make("time", "when"), state: make("div", "state"),
    node: make("div", "row " + className)
  };
  if (face) {
    row.node.appendChild(make("span", "avatar", face)).setAttribute("aria-hidden", "true");
  }
  const stack = row.node.appendChild(make("div", "stack"));
  stack.appendChild(make("span", className === "staff" ? "who" : "unseen", voice));
  fill(stack.appendChild(make("div", "bubble")), message);
  stack.appendChild(row.state);
  return row;
}

/* Puts a row where its id belongs. One that is there already is not moved: a screen reader would
 * read it again. */
function place(row) {
  const old = rows.indexOf(row);
  if (old >= 0) {
    rows.splice(old, 1);
  }
  let index = rows.length;
  while (row.id && index > 0 && !(rows[index - 1].id < row.id)) {
    index -= 1;
  }
  rows.splice(index, 0, row);
  if (index !== old) {
    const next = rows[index + 1];
    section.insertBefore(row.time, next ? next.time : null);
    section.insertBefore(row.node, next ? next.time : null);
  }
}

function restamp() {
  let last = null;
  rows.forEach((row, index) => {
    row.time.hidden = index > 0 && row.at - rows[index - 1].at < GAP_MS;
    row.time.textContent = clock(row.at);
    if (row.own && row.id) {
      row.state.textContent = "";
      last = row.state;
    }
  });
  if (last) {
    last.textContent = "已送达";
  }
}
