// The line to the server: the visitor's token, and requests that renew it when its hour is over.

import { keep, recall } from "./kept.js";

export class Problem extends Error {
  constructor(status, body, wait) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.wait = wait; // seconds, where the server asked for patience
  }
}

export class Line {
  constructor(settings, page) {
    this.settings = settings;
    this.page = page;
    this.mark = `countersign:${settings.siteKey}:${settings.buyer ? identityOf(settings.buyer) : ""}`;
    this.token = recall(`${this.mark}:token`);
  }

  async open() {
    const { siteKey, locale, buyer, buyerSignature } = this.settings;
    const body = { site_key: siteKey, origin: this.page, token: this.token };
    if (/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/.test(locale || "")) body.locale = locale;
    if (buyer) Object.assign(body, { buyer, buyer_signature: buyerSignature || "0".repeat(64) });
    const answer = await this.ask("POST", "session", { json: body, bare: true });
    this.token = answer.token;
    keep(`${this.mark}:token`, answer.token);
    return answer;
  }

  async ask(method, path, { json, form, key, bare = false, again = true } = {}) {
    const response = await this.send(method, path, { json, form, key, bare });
    if (response.status === 401 && !bare && again) {
      await this.open();
      return this.ask(method, path, { json, form, key, again: false });
    }
    if (response.headers.get("Content-Type")?.startsWith("image/")) return response.blob();
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, answer, Number(response.headers.get("Retry-After")) || 0);
    return answer;
  }

  send(method, path, { json, form, key, bare, signal } = {}) {
    const headers = {};
    if (!bare) headers.Authorization = `Bearer ${this.token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (json) headers["Content-Type"] = "application/json";
    return fetch(`/widget/v1/${path}`, { method, headers, body: form || (json && JSON.stringify(json)), signal, credentials: "omit", cache: "no-store" });
  }

  // Calls `heard` for each event until the stream ends. A stream is read with fetch: EventSource sends no header, and a token has no place in an address.
  async listen(heard, signal) {
    const response = await this.send("GET", "events", { signal });
    if (response.status === 401) {
      await this.open();
      return;
    }
    if (!response.ok) throw new Problem(response.status, {}, 0);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    heard(); // what was said before the stream stood
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      if (blocks.some((block) => /^data:/m.test(block))) heard();
    }
  }
}

function identityOf(buyer) {
  try {
    return String(JSON.parse(buyer).id);
  } catch {
    return "?";
  }
}
