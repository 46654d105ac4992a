import { templateReported } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyReports } from '../templates/report.ts';

/** Applies what providers report of templates, outside of the webhook's answer. */
export const consumeTemplateReported = (deps: Deps) =>
  consume(deps, {
    event: templateReported,
    dedupe: 'handler',
    handle: (tx, events) => applyReports(tx, deps, events),
  });
