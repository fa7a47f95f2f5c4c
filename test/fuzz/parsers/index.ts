import type { FuzzedParser } from "../parser.ts";
import { askedParser } from "./asked.ts";
import { buildsParser } from "./builds.ts";
import { configurationParser, originalParser, secretParser } from "./configuration.ts";
import { gearmanLinesParser, gearmanPacketsParser } from "./gearman.ts";
import { jcascParser, podTemplateParser } from "./imports.ts";
import { labelExpressionParser } from "./label-expression.ts";
import { envelopeParser, externalCompletionParser, externalDemandParser } from "./messages.ts";
import { notificationParser, zmqParser } from "./pushes.ts";
import { quantitiesParser } from "./quantities.ts";
import { refusalPageParser } from "./refusal-page.ts";
import { computersParser, queueParser } from "./rounds.ts";
import { teamTemplatesParser } from "./team-templates.ts";
import { signatureParser, webhookParsers } from "./webhooks.ts";
import { whyParser } from "./why.ts";
import { xmlParser } from "./xml.ts";

/** Every parser of what strangers write. */
export const parsers: readonly FuzzedParser[] = [
  queueParser,
  computersParser,
  buildsParser,
  whyParser,
  labelExpressionParser,
  xmlParser,
  refusalPageParser,
  gearmanLinesParser,
  gearmanPacketsParser,
  zmqParser,
  notificationParser,
  ...webhookParsers,
  signatureParser,
  envelopeParser,
  externalDemandParser,
  externalCompletionParser,
  quantitiesParser,
  configurationParser,
  originalParser,
  teamTemplatesParser,
  secretParser,
  jcascParser,
  podTemplateParser,
  askedParser,
];
