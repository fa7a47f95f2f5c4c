import type { SlaveRecord } from "@kubestack/contracts";
import { mayComeBack } from "./coming-back.ts";
import type { EffectTools } from "./effects.ts";
import type { MasterScope } from "./master-scope.ts";

/** What effects are carried out with, by what the master's configuration says now. */
export function toolsOf(scope: MasterScope): EffectTools {
  const { bus, cluster, attach, target, templates } = scope.options;
  return {
    bus,
    cluster,
    attach,
    target,
    templatesAreWhole: scope.options.templatesAreWhole ?? (() => true),
    template: (name) => templates.find((template) => template.name === name),
    mayHaveNewPod: ({ epoch }: SlaveRecord) => scope.isTrusted() && epoch === scope.ledger?.ledger.epoch,
    mayComeBack: ({ name, labels, template: of, life, unlabelled }) =>
      mayComeBack(
        {
          ...{ name, labels, life },
          unlabelled: unlabelled ?? templates.find((one) => one.name === of)?.unlabelled ?? false,
        },
        { source: scope.demand.source, unserved: scope.unserved },
        bus.clock.now(),
      ),
    masterIsKnown: () => scope.demand.verdict(bus.clock.now()).usable,
    knownSession: () => (scope.demand.source?.state === "ok" ? scope.demand.source.session : null),
    describe: ({ template, name }) => `KubeStack slave of template ${template}: kubestackcmd events --slave ${name}`,
  };
}
