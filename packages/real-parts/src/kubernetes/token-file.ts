import { randomBytes } from "node:crypto";
import { KubestackError } from "@kubestack/contracts";

/** Who is known by a fixed token, as the API server's token file says it. */
export interface StaticToken {
  /** Random per world: see `newToken`. */
  readonly token: string;
  /** E.g. `system:serviceaccount:kubestack:slave-supervisor`. */
  readonly user: string;
  /** Default: the user's name. */
  readonly uid?: string | undefined;
  /** Default none; `system:authenticated` is added by the API server. */
  readonly groups?: readonly string[] | undefined;
}

/** 192 random bits in hex. */
export function newToken(): string {
  return randomBytes(24).toString("hex");
}

/** The token file's text. Raises `invalid-config` for a field with a character that would end it. */
export function tokenFile(tokens: readonly StaticToken[]): string {
  return tokens.map((entry) => `${tokenLine(entry)}\n`).join("");
}

function tokenLine(entry: StaticToken): string {
  const groups = entry.groups ?? [];
  const fields = [entry.token, entry.user, entry.uid ?? entry.user];
  for (const field of [...fields, ...groups]) {
    if (field === "" || /["',\s]/.test(field)) {
      throw new KubestackError(
        "invalid-config",
        `the token of user "${entry.user}" has an empty field, or one with a quote, comma or space: leave it out`,
        { retry: "never" },
      );
    }
  }
  return groups.length === 0 ? fields.join(",") : `${fields.join(",")},"${groups.join(",")}"`;
}
