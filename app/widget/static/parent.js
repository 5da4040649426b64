// The page that the frame stands on. Both sides name the other's exact origin; a message from anywhere else is not read.

const origins = [location.origin, ...JSON.parse(document.documentElement.dataset.origins)];
let origin = null;

export function hear(handle) {
  window.addEventListener("message", (event) => {
    if (window.parent === window || event.source !== window.parent || !origins.includes(event.origin)) return;
    if (origin !== null && origin !== event.origin) return;
    origin = event.origin;
    const { countersign: what, settings } = event.data || {};
    if (what) handle(what, settings, origin);
  });
}

export function tell(what, detail = {}) {
  if (origin !== null) window.parent.postMessage({ countersign: what, ...detail }, origin);
}
