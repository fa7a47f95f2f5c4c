import { KubestackError } from "@kubestack/contracts";
import { parseBase, pathBelow } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import type { Probe } from "./probe.ts";

/**
 * Turns links that the master hands out into paths below the address that we use: they carry the root address that
 * the master was told, which need not be reachable from here. Raises master-refused for a link of anybody else.
 */
export type OwnPath = (url: string) => Promise<string>;

/** `publicUrl` is known beforehand where it is configured; the master's own idea of its address is asked for when needed. */
export function createOwnPath(session: Session, probe: () => Promise<Probe>, publicUrl?: string): OwnPath {
  const roots = [session.base, ...rootsOf(publicUrl === undefined ? [] : [publicUrl])];
  return async (url) => {
    const known = pathBelow(url, roots);
    if (known !== null) return known;
    const told = rootsOf((await probe()).rootUrls);
    const path = pathBelow(url, told);
    if (path === null) {
      throw new KubestackError(
        "master-refused",
        `${url.slice(0, 300)} is no address of master ${session.master}; its own begin with ${[...new Set([...roots, ...told].map((root) => root.href))].join(" or ")}.`,
        { retry: "never" },
      );
    }
    for (const root of told) {
      if (roots.length < mostRoots && !roots.some((one) => one.href === root.href)) roots.push(root);
    }
    return path;
  };
}

const mostRoots = 8;

function rootsOf(urls: readonly string[]): URL[] {
  return urls.filter((url) => URL.canParse(url)).map(parseBase);
}
