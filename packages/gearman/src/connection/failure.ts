import { KubestackError, type Retry } from "@kubestack/contracts";
import { type GearmanAddress, printAddress } from "./address.ts";

/** A wrong address is mended by a person: asking again every second helps nobody. */
const slowly: Retry = { afterMs: 60_000 };

/** The server can't be reached, or gave no whole answer. `what` goes on from "Gearman server HOST:PORT". */
export function unavailable(address: GearmanAddress, what: string, cause?: unknown): KubestackError {
  return new KubestackError("master-unavailable", `Gearman server ${printAddress(address)} ${what}.`, { cause });
}

/** What listens there speaks something else. */
export function notGearman(address: GearmanAddress): KubestackError {
  return new KubestackError(
    "not-a-master",
    `What listens at ${printAddress(address)} does not answer as a Gearman server does; correct host and port.`,
    { retry: slowly },
  );
}

/** The server answered that it does not want to. `said` is its own text: it is cut, and its control characters are dropped. */
export function refused(address: GearmanAddress, said: string): KubestackError {
  const words = said.replace(/\p{Cc}+/gu, " ").trim();
  return new KubestackError(
    "master-refused",
    `Gearman server ${printAddress(address)} refused: ${words.slice(0, 200)}.`,
    { retry: slowly },
  );
}

const tlsCode = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/;

/** A failure of the socket, in words. */
export function socketFailure(address: GearmanAddress, error: unknown): KubestackError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED")
    return unavailable(address, "refuses connections; see that it runs, and that host and port are right", error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return unavailable(address, "has a host name that can't be resolved; correct host", error);
  if (tlsCode.test(code))
    return unavailable(address, `can't be spoken to by TLS (${code}); see that it speaks TLS, and correct tls`, error);
  if (code === "ECONNRESET" || code === "EPIPE") return unavailable(address, "broke off the connection", error);
  return unavailable(address, "can't be reached; see that it runs, and that host and port are right", error);
}
