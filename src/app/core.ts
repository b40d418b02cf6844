import type { Config } from '../config';
import type { ModelSettings } from '../detect/model';
import { detectors } from '../detect/registry';
import type { UsageEvent } from '../domain/event';
import { Engine, type EngineSettings } from '../engine';
import type { Geography } from '../ports';
import { concealing } from './concealing';

/** The sections that decisions depend on. */
export type EngineConfig = Pick<Config, 'detect' | 'policy' | 'enforce' | 'alerting'>;

/** The engine's settings out of the configuration; the same for live, replay and demo. */
export function engineSettings(config: EngineConfig, partition: number, model?: ModelSettings): EngineSettings {
  const { detect, policy, enforce } = config;
  return {
    partition,
    detectors: detectors.filter((detector) => detect.detectors[detector.name]?.enabled !== false),
    policy,
    mode: enforce.mode,
    gate: { skewMs: detect.skew, latenessMs: detect.lateness },
    maturityMs: detect.maturity,
    suspectMaxMs: detect.suspectMax,
    incidentIdleMs: detect.incidentIdle,
    maxKeys: detect.maxKeys,
    tags: config.alerting,
    model,
  };
}

export function createEngine(config: EngineConfig, partition: number, model?: ModelSettings): Engine {
  return new Engine(engineSettings(config, partition, model));
}

/**
 * Adds the country of the address where the log does not state one. Changes the event in place: it was made a moment
 * ago for this one use, and a copy of fifteen fields would cost more than the look-up.
 */
export function placing(geography: Geography): (event: UsageEvent) => UsageEvent {
  return (event) => {
    if (event.country === '' && event.ip !== '') (event as { country: string }).country = geography.country(event.ip);
    return event;
  };
}

/** Finishes an event for Detect; `engine` is the one that will take it, which knows what is declared at this place. */
export type Enrich = (event: UsageEvent, engine: Pick<Engine, 'judgeAddress'>) => UsageEvent;

/** `placing`, and then what is to be kept of the address stands in its place. */
export function enriching(geography: Geography, config: Pick<Config, 'privacy' | 'ingest'>): Enrich {
  const place = placing(geography);
  const conceal = concealing(config);
  return conceal === undefined ? place : (event, engine) => conceal(place(event), engine);
}
