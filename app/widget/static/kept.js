// What survives a reload: a few words in localStorage, and the queue with its photos in IndexedDB.
// A browser that denies its storage to frames gets a memory that lasts as long as the page.

const memory = new Map();

export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return memory.get(key) ?? null;
  }
}

export function keep(key, value) {
  memory.set(key, value);
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch { /* denied or full: the memory has it */ }
}

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("countersign", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("queue", { keyPath: "key" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// The messages of one conversation that have not reached the server, oldest first.
export class Queue {
  constructor(owner) {
    this.owner = owner;
    this.items = [];
  }

  async load() {
    try {
      this.database = await database();
      const all = await finished(this.store("readonly").getAll());
      this.items = all.filter((item) => item.owner === this.owner).sort((one, other) => one.at - other.at);
    } catch {
      this.database = null;
    }
  }

  store(mode) {
    return this.database.transaction("queue", mode).objectStore("queue");
  }

  async put(item) {
    if (!this.items.includes(item)) this.items.push(item);
    if (this.database) await finished(this.store("readwrite").put({ ...item, owner: this.owner })).catch(() => {});
  }

  async drop(item) {
    this.items = this.items.filter((other) => other !== item);
    if (this.database) await finished(this.store("readwrite").delete(item.key)).catch(() => {});
  }
}
