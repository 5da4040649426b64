// The demo shop's own script: shows how a shop's page talks to the chat.

const tag = document.querySelector("script[data-site-key]");
const { siteKey, language } = tag.dataset;

for (const button of document.querySelectorAll("[data-sku]")) {
  button.addEventListener("click", () => window.Countersign.run({ siteKey, language, sku: button.dataset.sku, open: true }));
}

document.getElementById("language").addEventListener("change", (event) => event.target.form.submit());
