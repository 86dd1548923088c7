/* What the resident does and what the wire reports. Nothing here invents a message. */
"use strict";

const TEXT_LIMIT = 2000; // characters, as the server counts
const TYPING_MS = 10000;
const PATIENCE_MS = 60000;

let heard; // id of the last message that was not the resident's own
let heardStaff; // a person answers in their own time: no dots
let unseen = 0;
let timers = [];
let returnTo; // what had the focus before a dialog

function state(item, text, again) {
  const row = rows.find(one => one.client_id === item.client_id);
  if (row && !row.id) {
    const retry = () => {
      state(item, "发送中");
      wire.retry(item);
    };
    following(() => {
      row.state.textContent = again ? "" : text;
      if (again) {
        row.state.appendChild(button("again", text, retry));
      }
    });
  }
}

function showPending(item) {
  place(build(Object.assign({ author: "resident" }, item)));
  state(item, "发送中");
  if (navigator.onLine === false) {
    view.delayed(item);
  }
}

function offer(buttons) {
  part.quick.textContent = "";
  (buttons || []).forEach(choice => {
    part.quick.appendChild(button("chip", choice.text, () => say(choice.text)));
  });
  part.quick.hidden = !part.quick.firstChild;
}

/* ---- waiting for an answer ---- */

function rest() {
  timers.forEach(clearTimeout);
  part.waiting.hidden = true;
}

function waitingWords(text, className) {
  part.words.textContent = text;
  part.words.className = className;
  part.dots.hidden = !className;
}

function expect(id) {
  rest();
  if (!heardStaff && heard < id) {
    following(() => {
      waitingWords("应声正在回复", "unseen");
      part.waiting.hidden = false;
    });
    timers = [
      setTimeout(waitingWords, TYPING_MS, "稍候，正在处理", ""),
      setTimeout(rest, PATIENCE_MS)
    ];
  }
}

/* ---- what the wire reports ---- */

function begin() {
  section = part.log.appendChild(make("div", ""));
  rows = [];
  heard = 0;
  heardStaff = false;
}

function title() {
  document.title = (unseen ? "(" + unseen + ") " : "") + "应声 · 12345";
}

const view = {
  session(renewed, city) {
    part.place.textContent = (city ? city + " · " : "") + "智能客服，可随时转人工";
    if (renewed) {
      rest();
      offer([]);
      rows.filter(row => !row.id).forEach(row => {
        section.removeChild(row.time);
        section.removeChild(row.node);
      });
      begin();
      section.appendChild(make("p", "notice", "之前的会话已结束，已为您开始新的会话。"));
      wire.queue.forEach(showPending);
    }
  },

  messages(list) {
    const follow = atEnd() || !rows.length;
    list.forEach(message => {
      let row = rows.find(one => one.id === message.id ||
        (message.client_id && one.client_id === message.client_id));
      if (row) {
        row.id = message.id;
      } else {
        row = build(message);
        part.newer.hidden = false;
      }
      place(row);
      if (!row.own) {
        heard = message.id;
        heardStaff = message.author === "staff";
        unseen += document.hidden ? 1 : 0;
        rest();
      }
    });
    const latest = list[list.length - 1];
    if (rows[rows.length - 1].id === latest.id) {
      offer(latest.buttons);
    }
    restamp();
    title();
    if (follow) {
      toEnd();
    }
  },

  sent(item, id) {
    const row = rows.find(one => one.client_id === item.client_id);
    row.id = id;
    place(row);
    restamp();
    expect(id);
  },

  delayed(item) {
    const cut = navigator.onLine === false;
    state(item, cut ? "未联网，恢复后自动发送" : "发送失败 · 点此重发", !cut);
  },

  refused: item => state(item, item.refusal + " 发送失败 · 点此重发", true),

  line(good) {
    part.starting.hidden = part.starting.hidden || good;
    part.line.hidden = good;
    part.line.textContent = good ? "" : "网络不通，正在重新连接。您写的内容会保留并自动发送。";
  }
};

/* ---- composer ---- */

function send(content) {
  offer([]);
  showPending(wire.send(content));
  restamp();
  toEnd();
}

function say(text) {
  send({ kind: "text", text });
}

function measure() {
  const text = part.text.value;
  const over = Array.from(text).length - TEXT_LIMIT;
  store.set("draft", text);
  part.send.disabled = !text.trim() || over > 0;
  following(() => {
    part.text.style.height = "auto";
    part.text.style.height = Math.min(part.text.scrollHeight + 2, window.innerHeight * 0.3) + "px";
    if (over > 0) {
      hint("一次最多写 " + TEXT_LIMIT + " 字，已超出 " + over + " 字，请分几次发送。");
    } else if (part.hint.textContent.startsWith("一次最多")) {
      hint("");
    }
  });
}

function submit() {
  if (!part.send.disabled) {
    say(part.text.value.trim());
    part.text.value = "";
    measure();
    part.text.focus();
  }
}

function tools(open) {
  following(() => { part.tools.hidden = !open; });
  part.more.setAttribute("aria-expanded", String(open));
}

/* Shows `doing` until the promise gives the content of a message, or a sentence why not. */
function share(doing, promise) {
  tools(false);
  hint(doing);
  promise.then(
    content => {
      hint("");
      send(content);
    },
    sentence => hint(sentence, 12000)
  );
}

function sharePicture(file) {
  share("正在处理图片…", shrink(file).then(made => ({ kind: "image", picture: made })));
}

part.composer.onsubmit = event => {
  event.preventDefault();
  submit();
};
part.text.oninput = measure;
part.text.onkeydown = event => {
  // 229: an input method is still composing; its Enter picks a word.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    submit();
  }
};
part.text.onpaste = event => {
  const file = Array.from(event.clipboardData.files).find(one => one.type.startsWith("image/"));
  if (file) {
    event.preventDefault();
    sharePicture(file);
  }
};
part.more.onclick = () => tools(part.tools.hidden);
part.album.onclick = () => part.file.click();
part.camera.onclick = () => part.shot.click();
part.file.onchange = part.shot.onchange = event => {
  if (event.target.files[0]) {
    sharePicture(event.target.files[0]);
    event.target.value = ""; // so that the same picture can be chosen again
  }
};
part.locate.onclick = () => share(
  "正在定位…", locate().then(location => ({ kind: "location", location }))
);
part.human.onclick = () => {
  tools(false);
  say("转人工");
};
part.newer.onclick = toEnd;
part.scroll.onscroll = () => {
  part.newer.hidden = part.newer.hidden || atEnd();
};

/* ---- dialog ---- */

function openDialog(heading, content) {
  returnTo = document.activeElement;
  part.heading.textContent = heading;
  part.content.textContent = "";
  content.forEach(element => part.content.appendChild(element));
  part.cover.hidden = false;
  part.app.setAttribute("aria-hidden", "true");
  part.dialog.focus();
}

function closeDialog() {
  part.cover.hidden = true;
  part.app.removeAttribute("aria-hidden");
  returnTo.focus();
}

part.close.onclick = closeDialog;
part.cover.onclick = event => event.target === part.cover && closeDialog();
part.cover.onkeydown = event => {
  if (event.key === "Escape") {
    closeDialog();
  } else if (event.key === "Tab") {
    event.preventDefault(); // the dialog has one control: focus stays on it
    part.close.focus();
  }
};
part.privacy.onclick = () => wire.notice().then(answer => openDialog(
  answer.data.title || "隐私说明",
  (answer.data.paragraphs || ["暂时没有载入，请稍后再看，或拨打 12345 询问。"])
    .map(text => make("p", "", text))
));

/* ---- the page itself ---- */

function enlarge(large) {
  following(() => document.documentElement.classList.toggle("large", large));
  part.large.setAttribute("aria-pressed", String(large));
  store.set("large", large ? "1" : "");
  measure();
}

part.large.onclick = () => enlarge(part.large.getAttribute("aria-pressed") !== "true");
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    unseen = 0;
    title();
  }
});
if (window.visualViewport && /iP(hone|ad|od)/.test(navigator.userAgent)) {
  // iOS lays its keyboard over the page; only visualViewport tells what is left.
  window.visualViewport.onresize = () => following(() => {
    part.app.style.height = window.visualViewport.height + "px";
    window.scrollTo(0, 0);
  });
}

const wire = connect(view);
begin();
part.text.value = store.get("draft") || "";
enlarge(store.get("large") === "1");
view.session(false, store.get("city") || "");
wire.queue.forEach(item => {
  showPending(item);
  if (item.refusal) {
    view.refused(item);
  }
});
wire.start();
