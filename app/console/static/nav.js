// The console's pages, in one place: where each is, what it is called (a key of the word lists), and who sees its link.

const PAGES = [
  { path: "/", name: "queue", roles: ["agent", "ops"] },
  { path: "/cases/disputes", under: "/cases/", name: "cases", roles: ["agent", "ops"] },
  { path: "/insights", name: "insights", roles: ["ops"] },
  { path: "/knowledge/replies", under: "/knowledge/", name: "knowledge", roles: ["ops"] },
  { path: "/learning/corrections", under: "/learning/", name: "learning", roles: ["agent", "ops"] },
  { path: "/settings/sites", under: "/settings/", name: "settings", roles: ["ops"] },
];

export function pagesOf(role) {
  return PAGES.filter((page) => page.roles.includes(role)).map((page) => ({ ...page, here: page.under ? location.pathname.startsWith(page.under) : location.pathname === page.path }));
}
