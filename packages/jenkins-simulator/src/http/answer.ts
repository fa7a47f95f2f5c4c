/** What is sent back; a fault may still change it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Raised by whatever refuses a request; the server sends the answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export function json(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { "content-type": "application/json;charset=utf-8", ...headers }, body };
}

export function plain(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-type": "text/plain;charset=utf-8", ...headers }, body };
}

export function xml(body: string): Answer {
  return { status: 200, headers: { "content-type": "application/xml;charset=utf-8" }, body };
}

/** Forms lead on to the page that a browser shows next. */
export function redirect(location: string): Answer {
  return { status: 302, headers: { location }, body: "" };
}

/** A page in the master's own dress. */
export function page(
  status: number,
  told: { title: string; body: string },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = `<!DOCTYPE html><html><head><title>${escapeXml(told.title)}</title></head><body>${told.body}</body></html>`;
  return { status, headers: { "content-type": "text/html;charset=utf-8", ...headers }, body };
}

/** What a form that cannot be taken is answered with: 400, the sentence in a header and on the page. */
export function failure(message: string): Answer {
  const headers = { "x-error": headerText(message) };
  return page(400, { title: "Jenkins", body: `<h1>Error</h1><p>${escapeXml(message)}</p>` }, headers);
}

/** A refusal of the servlet container, in its plain form. */
export function httpError(status: number, message: string): Answer {
  const body = `<h2>HTTP ERROR ${status} ${escapeXml(message)}</h2><table><tr><th>STATUS:</th><td>${status}</td></tr><tr><th>MESSAGE:</th><td>${escapeXml(message)}</td></tr></table>`;
  return page(status, { title: `Error ${status} ${message}`, body });
}

export function notFound(): Answer {
  return httpError(404, "Not Found");
}

/** Header values are Latin letters only: others go as `?`, as the servlet container sends them. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#039;",
};

export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
