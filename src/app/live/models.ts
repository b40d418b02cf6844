import { type Look, type ModelSettings, SHADOW_TELLS } from '../../detect/model';
import { readModels } from '../models';
import type { House } from './house';

/** A shadow's words go to the debug log, so many an hour at most. */
const TOLD_AN_HOUR = 60;
const HOUR = 3_600_000;

/**
 * The models of a live process: read and checked now, so that a bad one stops the start (or is left out, with an alarm in
 * log and metrics). What they find is counted; what a shadow would have said goes to the debug log.
 */
export function openModels({ config, log, telemetry, clock }: House): ModelSettings | undefined {
  const { models, standings } = readModels(config.detect);
  for (const { path, mode, card, fault } of standings) {
    telemetry.model(card?.name ?? 'none', mode, fault === undefined);
    if (fault === undefined) log.info({ model: card?.name, mode, trained: card?.training.date }, 'model in place');
    else log.error({ path, mode, fault }, 'a model cannot be used: detection goes on without it');
  }
  if (models === undefined) return undefined;
  let told = 0;
  let hour = 0;
  const seen = ({ key, ts, verdicts }: Look): void => {
    for (const { model, used, surprise, evidence } of verdicts) {
      telemetry.modelLook(model, used ? 'on' : 'shadow', surprise);
      if (used || surprise < SHADOW_TELLS || evidence === undefined) continue;
      const now = Math.floor(clock.now() / HOUR);
      if (now !== hour) {
        hour = now;
        told = 0;
      }
      if (told++ >= TOLD_AN_HOUR) continue;
      log.debug(
        { model, key, at: new Date(ts).toISOString(), surprise, saw: evidence.saw },
        'shadow: would have spoken',
      );
    }
  };
  return { models, seen };
}
