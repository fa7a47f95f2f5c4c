import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const options = {
  master: { type: "string" },
  "master-user": { type: "string" },
  "master-secret-file": { type: "string" },
  "master-may-pause": { type: "boolean" },
};

const known = Object.keys(options)
  .map((name) => `--${name}`)
  .join(", ");

/**
 * Takes the options that name a master out of the arguments of `npm test`. `rest` are the others; `master` is absent where none is
 * named. What is wrong is told in one sentence as `fault`. The secret itself is read by whoever needs it, and is never an argument.
 * @param {readonly string[]} args
 * @param {{ folder: string, hasSecret: boolean }} around where relative paths begin; whether KUBESTACK_MASTER_SECRET is set
 * @returns {{ rest: string[], master?: { url: string, user: string, secretFile?: string, prefix: string, mayPause: boolean }, fault?: string }}
 */
export function takeMasterOptions(args, { folder, hasSecret }) {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const named = tokens.filter((token) => token.kind === "option");
  const unknown = named.find((token) => /^master\b/.test(token.name) && !Object.hasOwn(options, token.name));
  if (unknown !== undefined)
    return { rest: [...args], fault: `There is no option --${unknown.name}; known are ${known}.` };
  const own = named.filter((token) => Object.hasOwn(options, token.name));
  const taken = new Set(own.flatMap(({ index, value, inlineValue }) => spanOf(index, value, inlineValue)));
  const rest = args.filter((_arg, index) => !taken.has(index));
  if (own.length === 0) return { rest };
  const given = (name) => own.findLast((token) => token.name === name)?.value;
  const empty = own.find((token) => options[token.name].type === "string" && !/^[^-]/.test(token.value ?? ""));
  if (empty !== undefined) return { rest, fault: `--${empty.name} wants a value.` };
  const address = given("master");
  if (address === undefined) return { rest, fault: "The options --master-… go with --master URL, which is missing." };
  const url = addressOf(address);
  if (url.fault !== undefined) return { rest, fault: url.fault };
  const file = given("master-secret-file");
  if (file === undefined && !hasSecret) {
    const fault = `The password or API token for ${url.href} is missing: name its file by --master-secret-file FILE, or set KUBESTACK_MASTER_SECRET.`;
    return { rest, fault };
  }
  return {
    rest,
    master: {
      url: url.href,
      user: given("master-user") ?? "kubestack",
      ...(file === undefined ? {} : { secretFile: resolve(folder, file) }),
      prefix: `conformance-${randomBytes(4).toString("hex")}-`,
      mayPause: own.some((token) => token.name === "master-may-pause"),
    },
  };
}

function spanOf(index, value, inlineValue) {
  return value === undefined || inlineValue ? [index] : [index, index + 1];
}

function addressOf(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { fault: `"${text}" is no address of a master: give one such as https://ci.example.org/jenkins/.` };
  }
  if (url.username !== "" || url.password !== "") {
    return {
      fault: "The master's address holds a user or a secret: give them by --master-user and --master-secret-file.",
    };
  }
  return { href: `${url.origin}${url.pathname.replace(/\/*$/, "/")}` };
}
