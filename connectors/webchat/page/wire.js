/* The line to the server: session, outgoing queue, long poll. Nothing of the screen is here.
 *
 * A message gets its client_id when it is written and keeps it through every retry and reload, so
 * the server takes it once. The queue is sent strictly in order. Plain ES2017 and XMLHttpRequest:
 * Android WebViews of 2017 have neither AbortController nor module scripts. */
"use strict";

/* What outlives a reload. Nothing is kept where the browser forbids it, or when it is full. */
const store = {
  attempt(act) {
    try {
      return act();
    } catch (error) {
      return null;
    }
  },
  get: name => store.attempt(() => localStorage.getItem("yingsheng." + name)),
  set: (name, value) => store.attempt(() => localStorage.setItem("yingsheng." + name, value)),
  remove: name => store.attempt(() => localStorage.removeItem("yingsheng." + name)),
  names: start => (store.attempt(() => Object.keys(localStorage)) || [])
    .filter(key => key.startsWith("yingsheng." + start))
    .map(key => key.slice(10))
};

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, byte => (byte + 256).toString(16).slice(1));
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/* One HTTP call. Never rejects: status 0 means that no answer came. */
function request(method, path, options) {
  const xhr = new XMLHttpRequest();
  const answer = new Promise(resolve => {
    const settle = data => resolve({
      status: data ? xhr.status : 0,
      data: data || {},
      pause: Number(data && xhr.getResponseHeader("Retry-After")) || 0
    });
    xhr.open(method, "/channels/webchat/" + path);
    xhr.timeout = options.timeout || 20000;
    xhr.responseType = options.blob ? "blob" : "text";
    if (options.token) {
      xhr.setRequestHeader("Authorization", "Bearer " + options.token);
    }
    if (options.type) {
      xhr.setRequestHeader("Content-Type", options.type);
    }
    xhr.onload = () => settle(
      options.blob ? xhr.response : store.attempt(() => JSON.parse(xhr.response)) || {}
    );
    xhr.onerror = xhr.ontimeout = xhr.onabort = () => settle(null);
    xhr.send(options.body || null);
  });
  answer.abort = () => xhr.abort();
  return answer;
}

const NO_ANSWER = { status: 0, data: {}, pause: 0 };

/* view: {session(renewed, city), messages(list), sent(item, id), delayed(item), refused(item),
 * line(good)} */
function connect(view) {
  const WAIT_SECONDS = 25;

  let token = store.get("token");
  let after = 0;
  let renewing = false;
  let opening = null;
  let polling = null;
  let draining = false;
  let sleepers = [];
  const queue = store.names("out.")
    .map(name => store.attempt(() => JSON.parse(store.get(name))))
    .filter(item => item && item.client_id)
    .sort((one, other) => one.order - other.order);

  const keep = item => store.set("out." + item.client_id, JSON.stringify(item));

  function nap(milliseconds) {
    return new Promise(resolve => {
      setTimeout(resolve, milliseconds);
      sleepers.push(resolve);
    });
  }

  function hangUp() {
    if (polling) {
      polling.abort();
    }
  }

  function wake() {
    sleepers.forEach(resolve => resolve());
    sleepers = [];
  }

  /* 1, 2, 4 … 30 s, each shortened by up to a third: a city must not return in one wave. */
  function backOff(failures, asked) {
    const seconds = Math.min(30, Math.pow(2, failures - 1)) * (1 - Math.random() / 3);
    return nap(Math.max(asked, seconds) * 1000);
  }

  /* A token, or nothing when none could be had. One request at a time, whoever asks. */
  function session() {
    if (!token && !opening) {
      opening = request("POST", "sessions", {}).then(answer => {
        opening = null;
        if (answer.data.token) {
          begin(answer.data.token, answer.data.city || "");
        }
      });
    }
    return Promise.resolve(token ? null : opening).then(() => token);
  }

  function begin(fresh, city) {
    token = fresh;
    after = 0;
    store.set("token", token);
    store.set("city", city);
    view.session(renewing, city);
    renewing = false;
  }

  /* Another tab has a newer session: tabs of one resident show one conversation. */
  function adopt() {
    const stored = store.get("token");
    if (stored && stored !== token) {
      renewing = true;
      begin(stored, store.get("city"));
      hangUp();
    }
  }

  /* The server no longer knows this token. */
  function expire(used) {
    if (token === used) {
      if (store.get("token") === used) {
        store.remove("token");
      }
      renewing = true;
      token = null;
      adopt();
      hangUp();
    }
  }

  function post(item, used) {
    if (item.picture) {
      return request("POST", "media?client_id=" + item.client_id, {
        token: used, type: "image/jpeg", body: blobOf(item.picture), timeout: 120000
      });
    }
    const body = { client_id: item.client_id, text: item.text, location: item.location };
    return request("POST", "messages", {
      token: used, type: "application/json", body: JSON.stringify(body)
    });
  }

  async function drain() {
    let failures = 0;
    while (!draining) {
      const item = queue.find(one => !one.refusal);
      if (!item) {
        return;
      }
      draining = true;
      const used = await session();
      const answer = used ? await post(item, used) : NO_ANSWER;
      const status = answer.status;
      if (status >= 200 && status < 300) {
        failures = 0;
        queue.splice(queue.indexOf(item), 1);
        store.remove("out." + item.client_id);
        view.sent(item, answer.data.id);
      } else if (status === 401 && failures === 0) {
        failures = 1;
        expire(used);
      } else if (status < 400 || status > 499 || [401, 408, 425, 429].includes(status)) {
        failures += 1;
        queue.filter(one => !one.refusal).forEach(view.delayed);
        await backOff(failures, answer.pause);
      } else {
        item.refusal = answer.data.detail || "没有发送成功";
        keep(item);
        view.refused(item);
      }
      draining = false;
    }
  }

  async function listen() {
    let failures = 0;
    let wait = 0; // the first answer shows the history, or that there is none
    for (;;) {
      const used = await session();
      const started = Date.now();
      let answer = NO_ANSWER;
      if (used) {
        polling = request("GET", "messages?after=" + after + "&wait=" + wait, {
          token: used, timeout: (WAIT_SECONDS + 15) * 1000
        });
        answer = await polling;
        polling = null;
        if (used !== token) {
          wait = 0;
          continue;
        }
      }
      if (answer.status === 200 && answer.data.messages) {
        failures = 0;
        wait = WAIT_SECONDS;
        view.line(true);
        const fresh = answer.data.messages.filter(one => one.id > after);
        if (fresh.length) {
          after = fresh[fresh.length - 1].id;
          view.messages(fresh);
        } else if (Date.now() - started < 1000) {
          await nap(1000);
        }
        continue;
      }
      failures += 1;
      if (answer.status === 401) {
        expire(used);
      }
      if (failures > 1) {
        view.line(false);
      }
      if (answer.status !== 401 || failures > 1) {
        await backOff(failures, answer.pause);
      }
    }
  }

  window.addEventListener("storage", adopt);
  window.addEventListener("online", () => {
    hangUp(); // it may hang on the network that was left
    wake();
  });
  window.addEventListener("offline", () => view.line(false));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      wake();
    }
  });

  return {
    queue,
    start() {
      listen();
      drain();
    },
    send(content) {
      const order = Date.now();
      const item = Object.assign({ client_id: uuid(), order, at: new Date(order) }, content);
      queue.push(item);
      keep(item);
      drain();
      return item;
    },
    retry(item) {
      delete item.refusal;
      keep(item);
      wake();
      drain();
    },
    media: url => request("GET", url.replace(/^.*\/channels\/webchat\//, ""), {
      token, blob: true, timeout: 60000
    }),
    notice: () => request("GET", "notice", {})
  };
}
