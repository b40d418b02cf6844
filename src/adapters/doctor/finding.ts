/** What one check found. Texts hold no secret and no content of a record. */
export interface Finding {
  /** What was looked at, such as `Kafka topic api-usage`. */
  readonly check: string;
  readonly standing: Standing;
  readonly saw: string;
  /** What a person should do; undefined when all is well. */
  readonly todo: string | undefined;
}

export const standings = ['ok', 'warning', 'failed'] as const;
export type Standing = (typeof standings)[number];

/** For one check, milliseconds. */
export const CHECK_MS = 5_000;

export const ok = (check: string, saw: string): Finding => ({ check, standing: 'ok', saw, todo: undefined });
export const warning = (check: string, saw: string, todo: string): Finding => ({
  check,
  standing: 'warning',
  saw,
  todo,
});
export const failed = (check: string, saw: string, todo: string): Finding => ({ check, standing: 'failed', saw, todo });

/** A check that got no answer in its time. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * Runs one check for at most `ms`; rejects with `OutOfTime` after that. `signal` then aborts, so that what the check has
 * open can be let go.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutOfTime(`no answer within ${ms / 1_000} s`)), ms);
  });
  try {
    const working = work(ended.signal);
    // What fails after its time is nobody's concern any more.
    working.catch(() => undefined);
    return await Promise.race([working, late]);
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

/** The first line of an error's message, bounded. */
export const faultText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 300);

/** The system's code where an error has one (`ECONNREFUSED`), else its first line. */
export const codeText = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : faultText(error);
};
