import { tokenOf } from "@kubestack/contracts";

/** Letters and digits of RFC 4648's extended hex, lower case: ordered, and without a vowel-free guarantee to keep. */
const digits = "0123456789abcdefghijklmnopqrstuv";

/** A number in base 32, lower case, without padding. */
export function base32(number: number): string {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`${number} is no slave number.`);
  let text = "";
  let rest = number;
  do {
    text = (digits[rest % 32] ?? "") + text;
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return text;
}

/** Four characters of an epoch, from four random bytes. */
export function epochOf(random: Uint8Array): string {
  if (random.length < 4) throw new RangeError("An epoch needs four random bytes.");
  return [...random.slice(0, 4)].map((byte) => digits[byte % 32]).join("");
}

/** A short, stable digest of a text, in base 32: two names that read alike after shortening must stay apart. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return base32(hash).slice(0, 6);
}

/** The part of a slave's name that tells its master: a DNS label of at most 30 characters. */
export function masterPart(master: string): string {
  const plain = master
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (plain === master && plain.length <= 30) return plain;
  const digest = digestOf(tokenOf(master));
  const head = plain.slice(0, 30 - digest.length - 1).replace(/-+$/, "");
  return head === "" ? digest : `${head}-${digest}`;
}

/** The one name of record, pod and master's node: `ks-<master>-<epoch><number>`, a DNS label. */
export function slaveName(of: { master: string; epoch: string; number: number }): string {
  return `ks-${masterPart(of.master)}-${of.epoch}${base32(of.number)}`;
}

/** Epoch and number out of a slave's name, or undefined where the name is not one of this master's slaves. */
export function parseSlaveName(master: string, name: string): { epoch: string; number: number } | undefined {
  const prefix = `ks-${masterPart(master)}-`;
  if (!name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  if (!/^[0-9a-v]{4}[0-9a-v]{1,11}$/.test(rest)) return undefined;
  const number = [...rest.slice(4)].reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0);
  if (!Number.isSafeInteger(number) || base32(number) !== rest.slice(4)) return undefined;
  return { epoch: rest.slice(0, 4), number };
}
