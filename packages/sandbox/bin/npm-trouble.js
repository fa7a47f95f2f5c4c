/** What npm's error codes mean for somebody who only wanted to start, and what to do. */
const troubles = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET|network/,
    "npm's registry can't be reached from here: look at the network, the proxy (npm config get proxy) and the registry (npm config get registry)",
  ],
  [/ENOSPC/, "the disk is full: make room for about 600 MB"],
  [/EACCES|EPERM/, "this user may not write node_modules: start it as the user that owns this folder"],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/,
    "the registry's certificate is not trusted: name its CA (npm config set cafile FILE)",
  ],
  [/E404|ETARGET/, "the registry has not got every package: look which one it is (npm config get registry)"],
  [/EINTEGRITY/, "a package is not what package-lock.json says: clean npm's cache (npm cache clean --force)"],
];

/** The sentence for an installation that failed, with the end of what npm said above it. */
export function npmTrouble({ code, said }) {
  const lines = said.trimEnd().split("\n").slice(-8).join("\n");
  const known = troubles.find(([pattern]) => pattern.test(said))?.[1];
  return `${lines}\nThe dependencies could not be installed: ${known ?? `npm ended with code ${code}, its words are above`}; then start again.`;
}
