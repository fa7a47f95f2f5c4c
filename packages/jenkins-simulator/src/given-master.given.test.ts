import { readFileSync } from "node:fs";
import { anyMasterUnderTest } from "./any-master.fixture.ts";
import { describeMaster } from "./conformance.fixture.ts";

/** What `npm test -- --master URL` was given, as packages/sandbox/bin/master-options.js writes it; the secret is not in it. */
interface GivenMaster {
  readonly url: string;
  readonly user: string;
  readonly secretFile?: string;
  readonly prefix: string;
  readonly mayPause: boolean;
}

// biome-ignore lint/style/noProcessEnv: only `npm test -- --master` runs this file, and says by these which master is meant.
const { KUBESTACK_TEST_MASTER: given = "{}", KUBESTACK_MASTER_SECRET: secret = "" } = process.env;
const { secretFile, mayPause, ...master } = JSON.parse(given) as GivenMaster;

describeMaster(`the master at ${master.url}, as the adapter sees it`, () =>
  anyMasterUnderTest({
    ...master,
    secret: secretFile === undefined ? secret : readFileSync(secretFile, "utf8").trim(),
    // A name that nobody has: a wrong secret for the user itself could lock it out where a directory stands behind.
    stranger: { user: `${master.prefix}stranger`, secret: "wrong" },
    mayQuietDown: mayPause,
  }),
);
