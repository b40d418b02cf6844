/** Reason of a stop that a signal asked for. */
export class Interrupted extends Error {
  override readonly name = 'AbortError';
  constructor(readonly exitCode: number) {
    super('stopped by a signal');
  }
}

/** The exit code of a command that was stopped before its work was done; undefined when nobody stopped it. */
export const interruption = (stop: AbortSignal): number | undefined =>
  stop.reason instanceof Interrupted ? stop.reason.exitCode : undefined;
