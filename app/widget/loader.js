// The loader: one script tag on a stranger's page. It puts a real button there, and the frame when it is first opened.
// WORDS is put in by the server: per language what the button says, before any frame is there.
(() => {
  "use strict";
  const WORDS = "%WORDS%";
  const script = document.currentScript;
  const host = new URL(script.src).origin;
  const OPTIONS = ["siteKey", "language", "color", "position", "order", "sku", "buyer", "buyerSignature", "open", "button"];
  const ANSWER_MS = 10000; // a frame that may not stand on this page never answers
  const STYLE = `
    :host { font: 16px/1.4 system-ui, sans-serif; }
    button, iframe { position: fixed; box-sizing: border-box; border: 0; }
    button { inset-block-end: 20px; inset-inline-end: 20px; width: 56px; height: 56px; border-radius: 28px; padding: 0; cursor: pointer;
      background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 16px rgb(0 0 0 / .25); display: grid; place-items: center; }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; border-radius: 11px; padding: 0 6px;
      font: 600 13px/22px system-ui, sans-serif; background: #b3261e; color: #fff; text-align: center; box-sizing: border-box; }
    iframe { inset-block-end: 88px; inset-inline-end: 20px; width: 376px; height: min(620px, calc(100vh - 108px)); border-radius: 16px;
      box-shadow: 0 8px 40px rgb(0 0 0 / .28); background: Canvas; }
    .start button, .start iframe { inset-inline-end: auto; inset-inline-start: 20px; }
    [hidden] { display: none; }
    @media (max-width: 480px) { iframe, .start iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; } }
    @media print { button, iframe { display: none; } }`;
  const ICON = ["M4 5h16v11H9l-5 4z", "M8 9h8", "M8 12h5"];
  let widget = null;

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`countersign:${name}`, { detail }));

  function languageOf(wanted) {
    const codes = [wanted, ...navigator.languages, document.documentElement.lang].filter(Boolean);
    const bare = codes.map((code) => code.toLowerCase().split(/[-_]/)[0]);
    return bare.find((code) => Object.hasOwn(WORDS, code)) || "en";
  }

  function remembered(key, value) {
    try { // a page may be denied its storage
      if (value) localStorage.setItem(key, value);
      return localStorage.getItem(key);
    } catch { return null; }
  }

  // Black or white, whichever is easier to read on the shop's colour (WCAG 2, relative luminance).
  function readableOn(color) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
  }

  function icon() {
    const name = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(name, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const d of ICON) svg.appendChild(document.createElementNS(name, "path")).setAttribute("d", d);
    return svg;
  }

  // Inline and important: nothing in the page's own style sheets stands above it.
  function shell(language, color) {
    const element = document.createElement("countersign-chat");
    const fixed = { all: "initial", position: "fixed", "z-index": "2147483000", width: "0", height: "0", display: "block", direction: WORDS[language].direction,
      "--accent": color, "--on-accent": readableOn(color) };
    for (const [name, value] of Object.entries(fixed)) element.style.setProperty(name, value, "important");
    const sheet = new CSSStyleSheet(); // no style element: a strict content security policy of the page would refuse it
    sheet.replaceSync(STYLE);
    const root = element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    return element;
  }

  class Widget {
    constructor(options) {
      this.options = options;
      this.language = languageOf(options.language);
      this.words = WORDS[this.language];
      this.color = /^#[0-9a-f]{6}$/i.test(options.color || "") ? options.color : "#1f5f5b";
      this.isOpen = false;
      this.unread = 0;
      this.mark = `countersign:${options.siteKey}`;
      this.element = shell(this.language, this.color);
      this.box = this.element.shadowRoot.appendChild(document.createElement("div"));
      this.box.className = options.position === "start" ? "start" : "end";
      this.button = this.box.appendChild(this.makeButton());
      document.documentElement.appendChild(this.element);
      this.hear = (event) => this.onMessage(event);
      window.addEventListener("message", this.hear);
      if (options.open) this.open();
      else if (remembered(this.mark)) this.load(); // a reply may have come: it shows on the button
    }

    makeButton() {
      const button = document.createElement("button");
      button.type = "button";
      button.hidden = this.options.button === "none";
      button.setAttribute("aria-haspopup", "dialog");
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-label", this.words.open);
      button.append(icon());
      button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
      return button;
    }

    load() {
      if (this.frame) return;
      const frame = document.createElement("iframe");
      frame.title = this.words.title.replace("{shop}", location.hostname);
      frame.hidden = true;
      frame.referrerPolicy = "origin";
      frame.src = `${host}/widget/frame?${new URLSearchParams({ key: this.options.siteKey, language: this.language })}`;
      frame.addEventListener("load", () => this.greet());
      this.frame = this.box.appendChild(frame);
    }

    greet() {
      this.greeted = true;
      const { siteKey, order, sku, buyer, buyerSignature } = this.options;
      this.post({ countersign: "run", settings: { siteKey, order, sku, buyer, buyerSignature, color: this.color, onColor: readableOn(this.color), locale: navigator.language } });
      if (this.isOpen) this.post({ countersign: "shown" });
      this.waiting = setTimeout(() => this.giveUp(), ANSWER_MS);
    }

    giveUp() {
      console.warn(`Countersign: the chat may not be opened on ${location.origin}, or its server does not answer.`);
      if (this.isOpen) this.close();
      this.frame.remove();
      this.frame = null;
      this.greeted = false;
    }

    post(message) {
      if (this.greeted) this.frame.contentWindow.postMessage(message, host);
    }

    onMessage(event) {
      if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== host) return;
      const { countersign: what, count } = event.data || {};
      if (what === "ready") { clearTimeout(this.waiting); tell("ready"); }
      if (what === "close") this.close();
      if (what === "started") remembered(this.mark, "1");
      if (what === "unread" && Number.isInteger(count)) this.count(count);
    }

    count(number) {
      if (number === this.unread) return;
      this.unread = number;
      this.badge ??= this.button.appendChild(Object.assign(document.createElement("span"), { className: "badge" }));
      this.badge.hidden = number === 0;
      this.badge.textContent = number > 99 ? "99+" : String(number);
      this.label();
      tell("unread", { count: number });
    }

    label() {
      const news = this.unread ? `. ${this.words.unread.replace("{count}", this.unread)}` : "";
      this.button.setAttribute("aria-label", (this.isOpen ? this.words.close : this.words.open) + news);
      this.button.setAttribute("aria-expanded", String(this.isOpen));
    }

    open() {
      if (this.isOpen) return;
      this.before = document.activeElement;
      this.load();
      this.isOpen = true;
      this.frame.hidden = false;
      this.frame.focus();
      this.post({ countersign: "shown" });
      this.label();
      tell("open");
    }

    close() {
      if (!this.isOpen) return;
      this.isOpen = false;
      this.frame.hidden = true;
      this.post({ countersign: "hidden" });
      this.label();
      (this.button.hidden ? this.before : this.button)?.focus();
      tell("close");
    }

    destroy() {
      clearTimeout(this.waiting);
      window.removeEventListener("message", this.hear);
      this.element.remove();
    }
  }

  function run(options = {}) {
    widget?.destroy();
    widget = options.siteKey ? new Widget(options) : null;
    if (!widget) console.warn("Countersign: give the site's publishable key (data-site-key, or run({ siteKey })).");
  }

  window.Countersign = { run, open: () => widget?.open(), close: () => widget?.close(), destroy: () => { widget?.destroy(); widget = null; } };
  const written = Object.fromEntries(OPTIONS.filter((name) => name in script.dataset).map((name) => [name, script.dataset[name]]));
  if ("open" in written) written.open = written.open !== "false";
  if (written.siteKey) run(written);
})();
