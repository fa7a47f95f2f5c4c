/** Pages are read for one sentence; what lies beyond this many characters is not looked at. */
const lookedAt = 64 * 1024;
const longestSentence = 300;

/** The title or message that a person would read on an HTML page, as plain text of at most 300 characters; "" where there is none. */
export function messageOf(page: string): string {
  const text = page.slice(0, lookedAt);
  return (
    plain(between(afterErrorHeading(text), "<p", "</p>")) ||
    plain(between(text, "<pre", "</pre>")) ||
    plain(between(text, "<title", "</title>")) ||
    plain(text)
  );
}

/** The page's title; "" where it has none. */
export function titleOf(page: string): string {
  return plain(between(page.slice(0, lookedAt), "<title", "</title>"));
}

/** Whether the page asks a person to sign in. */
export function isLoginPage(page: string): boolean {
  const text = page.slice(0, lookedAt).toLowerCase();
  return (
    text.includes("j_spring_security_check") ||
    text.includes("j_acegi_security_check") ||
    text.includes('type="password"') ||
    text.includes("type='password'") ||
    /<title>[^<]{0,80}(sign in|log in|login)/.test(text)
  );
}

/** Whether an answer's text is a page for people. */
export function isHtml(text: string): boolean {
  const start = text.slice(0, 512).trimStart().toLowerCase();
  return start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<meta");
}

function afterErrorHeading(text: string): string {
  const heading = text.search(/<h1[^>]{0,200}>[^<]{0,20}(Error|Oops|Access Denied)/i);
  return heading < 0 ? "" : text.slice(heading);
}

function between(text: string, open: string, close: string): string {
  const lower = text.toLowerCase();
  const start = lower.indexOf(open);
  if (start < 0) return "";
  const body = lower.indexOf(">", start);
  const end = lower.indexOf(close, start);
  return body < 0 || end < body ? "" : text.slice(body + 1, end);
}

/** Drops tags and scripts in one pass and decodes the few entities that pages use. */
function plain(html: string): string {
  let text = "";
  let at = 0;
  while (at < html.length && text.length < longestSentence * 4) {
    const open = html.indexOf("<", at);
    text += `${html.slice(at, open < 0 ? html.length : open)} `;
    if (open < 0) break;
    const close = html.indexOf(">", open);
    if (close < 0) break;
    const isCode = /^<(script|style)/i.test(html.slice(open, open + 8));
    at = isCode ? html.indexOf("</", close) : close + 1;
    // Code that does not end goes on to the end of the page.
    if (at < 0) break;
  }
  const decoded = text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#039;", "'")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
  return decoded.replace(/\s+/g, " ").trim().slice(0, longestSentence);
}
