// Talks to the API. A session's writes carry its token; a problem comes back as an Error with the server's own words.

let csrf = null;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.errors = body.errors || [];
  }
}

export function setToken(token) {
  csrf = token;
}

export async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers }, credentials: "same-origin" };
  if (csrf && method !== "GET") options.headers["X-CSRF-Token"] = csrf;
  if (body instanceof Blob) options.body = body; // a file as it is
  else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem(0, { detail: null });
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer);
  return answer;
}
