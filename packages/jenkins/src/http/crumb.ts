import { z } from "zod";

/** One header with a crumb; empty where the master asks for none. */
export type CrumbHeader = Readonly<Record<string, string>>;

/** The proof against forged requests that masters ask for with every POST that is not signed by a token. */
export interface Crumbs {
  /** The header to send with a POST. It is fetched once for all requests that wait for it. */
  header(): Promise<CrumbHeader>;
  /** Whether the master was seen to ask for crumbs. */
  isUsed(): boolean;
  /** The master complained about `refused`: another one will be fetched. False if that is under way already. */
  replace(refused: CrumbHeader): boolean;
  /** The session is gone, and the crumb with it. */
  forget(): void;
}

/** What a crumb issuer answers. */
export const crumbSchema = z.object({
  crumb: z.string().regex(/^[\x20-\x7e]{1,4096}$/),
  /** `Jenkins-Crumb`, or `.crumb` in old versions and in Hudson. */
  crumbRequestField: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
});
export type Crumb = z.output<typeof crumbSchema>;

/** Whether a refusal's page complains about a crumb. */
export function namesCrumb(page: string): boolean {
  return /\bcrumb\b/i.test(page.slice(0, 65536));
}

/** `fetch` asks the master's crumb issuer; null means that it wants no crumbs. */
export function createCrumbs(fetch: () => Promise<Crumb | null>): Crumbs {
  let header: Promise<CrumbHeader> | undefined;
  let known: CrumbHeader | undefined;
  let used = false;

  async function read(): Promise<CrumbHeader> {
    try {
      const crumb = await fetch();
      used = crumb !== null;
      known = crumb === null ? {} : { [crumb.crumbRequestField]: crumb.crumb };
      return known;
    } catch (error) {
      header = undefined;
      throw error;
    }
  }

  return {
    header() {
      header ??= read();
      return header;
    },
    isUsed: () => used,
    replace(refused) {
      used = true;
      if (header !== undefined && known !== refused) return false;
      header = undefined;
      known = undefined;
      return true;
    },
    forget() {
      header = undefined;
      known = undefined;
    },
  };
}
