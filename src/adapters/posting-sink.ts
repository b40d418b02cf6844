import type { AlertDocument } from '../domain/alert';
import type { AlertSink } from '../ports';
import { isSuccess, type Poster, refusal } from './http-post';
import { createTurns } from './turns';
import type { RejectDocument } from './undelivered';
import { createUnfinished } from './unfinished';

/** The receiver says that this body is at fault, and would say so again. */
const CONTENT_FAULTS = new Set([400, 413, 422]);

export interface PostingSinkOptions {
  readonly name: string;
  readonly poster: Poster;
  readonly onReject: RejectDocument;
  /** What is posted of a document, made anew for each attempt. The body is JSON. */
  readonly requestOf: (document: AlertDocument) => {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

/**
 * One POST a document, in order. `write` resolves when each was answered with a 2xx. A document that the receiver refuses
 * for its content (400, 413, 422) goes to `onReject`; any other answer is tried again.
 */
export function createPostingSink({ name, poster, onReject, requestOf }: PostingSinkOptions): AlertSink {
  const inTurn = createTurns();
  const unfinished = createUnfinished();

  async function send(document: AlertDocument): Promise<void> {
    const { headers, body } = requestOf(document);
    const answer = await poster.post('', { ...headers, 'content-type': 'application/json' }, body);
    if (isSuccess(answer)) return;
    if (!CONTENT_FAULTS.has(answer.status)) throw refusal(answer);
    await onReject(name, document, `HTTP ${answer.status}`);
  }

  return {
    name,
    write: (documents) =>
      inTurn(async () => {
        for (const document of unfinished.rest(documents)) {
          await send(document);
          unfinished.have([document]);
        }
        unfinished.finish();
      }),
    close: () => inTurn(() => poster.close()),
  };
}
