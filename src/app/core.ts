import type { Config } from '../config';
import { detectors } from '../detect/registry';
import type { UsageEvent } from '../domain/event';
import { Engine, type EngineSettings } from '../engine';
import type { Geography } from '../ports';

/** The sections that decisions depend on. */
export type EngineConfig = Pick<Config, 'detect' | 'policy' | 'enforce' | 'alerting'>;

/** The engine's settings out of the configuration; the same for live, replay and demo. */
export function engineSettings(config: EngineConfig, partition: number): EngineSettings {
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
  };
}

export function createEngine(config: EngineConfig, partition: number): Engine {
  return new Engine(engineSettings(config, partition));
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
