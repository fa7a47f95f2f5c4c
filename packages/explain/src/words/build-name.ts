/** A build or job by its address, as people call it: `…/job/shop/job/api/412/` is `shop/api #412`. Other texts stay. */
export function buildName(url: string): string {
  const path = pathOf(url);
  const start = path?.indexOf("/job/") ?? -1;
  if (path === undefined || start < 0) return url;
  const parts = path.slice(start).split("/").filter(Boolean);
  const names: string[] = [];
  while (parts[0] === "job" && parts[1] !== undefined) names.push(...parts.splice(0, 2).slice(1));
  const number = /^\d+$/.test(parts.at(-1) ?? "") ? ` #${parts.pop()}` : "";
  return `${[...names, ...parts].map(decoded).join("/")}${number}`;
}

/** The sentence with every build's address in it replaced by the build's name. */
export function nameBuilds(sentence: string): string {
  return sentence.replace(/https?:\/\/\S*\/job\/\S+/g, (url) => {
    const trailing = /[.,;:)]+$/.exec(url)?.[0] ?? "";
    return buildName(url.slice(0, url.length - trailing.length)) + trailing;
  });
}

function pathOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).pathname : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
