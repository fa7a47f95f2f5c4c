import { tokenOf } from "@kubestack/contracts";

/** The 32 digits of RFC 4648's base32hex, in lower case: a DNS label may hold all of them. */
const digits = "0123456789abcdefghijklmnopqrstuv";

const masterPartLimit = 30;

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

/** A short, stable digest of a text, six base-32 digits: two names that read alike after shortening must stay apart. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return base32(hash).padStart(6, "0").slice(-6);
}

/**
 * The part of a slave's name that tells its master: at most 30 characters of a DNS label. A name that had to be changed
 * for that ends in `--` and a digest; no name that stays as it is can hold `--`, so the two never meet.
 */
export function masterPart(master: string): string {
  const plain = master
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (plain === master && plain.length <= masterPartLimit) return plain;
  const digest = digestOf(tokenOf(master));
  const head = plain.slice(0, masterPartLimit - digest.length - 2).replace(/-+$/, "");
  return `${head === "" ? "m" : head}--${digest}`;
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
