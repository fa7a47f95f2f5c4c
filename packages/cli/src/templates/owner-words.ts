import { atLaunch, type Json, type Origin, type Owner } from "@kubestack/templates";

/** Whose word a value is, at the end of its line: a template by its name, everybody else in brackets. */
export function remarkOf({ of, value }: Origin, master: string): string {
  if (of?.by === "template") return of.name;
  return `(${ownWords(of, value, master)})`;
}

/** The same for programs: unlike whatever a template is called. */
export function ownerForPrograms({ of, value }: Origin, master: string): string {
  return of?.by === "template" ? `template ${of.name}` : ownWords(of, value, master);
}

function ownWords(of: Exclude<Owner, { by: "template" }> | undefined, value: Json, master: string): string {
  switch (of?.by) {
    case "defaults":
      return "defaults.template";
    case "build":
      return "asked for by the build";
    case "master":
      return `podLabels of master ${master}`;
    case "slave":
      return JSON.stringify(value).includes(atLaunch) ? "known at launch" : "kubestack";
    case "inject":
    case "restricted":
    case "usual":
      return of.by;
    default:
      return "kubestack";
  }
}
