import { constants } from "node:os";

const forceAfterMs = 5000;

/**
 * Resolves with the exit code of a child (128 + n after signal n); rejects where it could not be started. Signals are
 * passed to it meanwhile; with `group` to the process group that it leads, which is killed where it stays.
 */
export function ended(child, { group = false } = {}) {
  const send = (signal) => {
    try {
      if (child.pid !== undefined) process.kill(group ? -child.pid : child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  let interrupted;
  const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const pass = () => {
      send(signal);
      interrupted ??= signal;
      if (group) setTimeout(send, forceAfterMs, "SIGKILL").unref();
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      // A group was asked to end by whoever interrupted: that is what its end means, whatever code it chose.
      const by = (group ? interrupted : undefined) ?? signal;
      if (group) send("SIGKILL");
      resolve(by === null || by === undefined ? code : 128 + constants.signals[by]);
    });
  }).finally(() => {
    for (const remove of handlers) remove();
  });
}
