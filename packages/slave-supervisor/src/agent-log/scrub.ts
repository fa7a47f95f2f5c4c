/** Longer pieces of a log are kept by nobody, in characters. */
const longest = 300;

/**
 * A piece of a log that may be kept and shown: one line, and nothing in it that could be a secret. Nobody who writes a log is
 * trusted to keep secrets out of it: an agent's is 64 hexadecimal digits, and addresses may hold a password.
 */
export function scrub(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .replace(/:\/\/[^\s/@]*@/g, "://")
    .replace(/\b(bearer|basic|secret|token|password|passwd|pwd|apikey|api_key)\b(\s*[:=]\s*|\s+)\S+/gi, "$1$2…")
    .replace(/[0-9a-f]{24,}/gi, "…")
    .replace(/[A-Za-z0-9+/_-]{40,}={0,2}/g, "…")
    .replace(/ {2,}/g, " ")
    .trim()
    .slice(0, longest);
}
