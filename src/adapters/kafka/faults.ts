/** What the client's errors mean to the person who runs keywatch, and waiting until they are gone. */

interface ClientError {
  readonly name?: string;
  readonly message?: string;
  readonly type?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

function innermost(error: unknown): ClientError {
  let current = error as ClientError;
  for (let depth = 0; depth < 10; depth++) {
    const inner = (current?.cause ?? current?.originalError) as ClientError | undefined;
    if (!inner || typeof inner !== 'object') break;
    current = inner;
  }
  return current ?? {};
}

/** One sentence for logs and `/readyz`. */
export function explain(error: unknown, topic: string): string {
  const cause = innermost(error);
  const text = cause.message ?? String(error);
  if (cause.type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return `topic ${topic} does not exist: create it, or correct the name; keywatch creates no topics`;
  }
  if (cause.type?.endsWith('AUTHORIZATION_FAILED')) return `not authorised (${cause.type}): ${text}`;
  if (cause.name === 'KafkaJSSASLAuthenticationError' || cause.type === 'SASL_AUTHENTICATION_FAILED') {
    return `authentication failed: ${text}`;
  }
  if (cause.name?.startsWith('KafkaJSConnection') || cause.name === 'KafkaJSNoBrokerAvailableError') {
    const tls = /certificate|ssl|tls|unable to verify/i.test(text);
    return tls ? `TLS failed: ${text}` : `broker unreachable: ${text}`;
  }
  return text;
}

/** Answers of the group's coordinator to a member that is none any more, or of an older generation. */
const deposing = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'REBALANCE_IN_PROGRESS']);

/** Whether the error says that another member may have our partitions by now. */
export const isDeposed = (error: unknown): boolean => deposing.has(innermost(error).type ?? '');

export interface Waiting {
  readonly signal: AbortSignal;
  /** Told what is wrong after every failed try. */
  readonly report: (problem: string) => void;
  readonly topic: string;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Tries until it succeeds, 0.5 s apart at first and 10 s at most. Answers undefined when the signal aborts the waiting.
 */
export async function untilDone<T>(work: () => Promise<T>, waiting: Waiting): Promise<T | undefined> {
  for (let wait = FIRST_WAIT_MS; !waiting.signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      waiting.report(explain(error, waiting.topic));
    }
    await pause(wait, waiting.signal);
  }
  return undefined;
}

/** Resolves after the time or as soon as the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** Rejects `passed` after the time unless cleared before. */
export function deadline(ms: number, message: string): { readonly passed: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`stop: ${message} (${ms / 1_000} s)`)), ms);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
