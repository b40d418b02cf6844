import type { AlertSink } from '../../ports';
import { isSuccess, type Poster, refusal } from '../http-post';
import type { LinkTemplates } from '../siem/links';
import { slackMessage } from '../siem/slack';
import { teamsMessage } from '../siem/teams';
import { createTurns } from '../turns';
import type { RejectDocument } from '../undelivered';
import { createUnfinished } from '../unfinished';

const CONTENT_FAULTS = new Set([400, 413, 422]);

const messages = { slack: slackMessage, teams: teamsMessage } as const;

export interface ChatOptions {
  readonly name: string;
  readonly poster: Poster;
  readonly style: keyof typeof messages;
  readonly links: LinkTemplates;
  readonly onReject: RejectDocument;
}

/**
 * One message a document to a chat service's incoming webhook, in order. `write` resolves when the service has taken
 * each; it has no ids, so after a crash a message may appear twice (its footer names `event.id`). Services allow about
 * one message a second and say so with 429, to whose `Retry-After` the courier keeps.
 */
export function createChatSink({ name, poster, style, links, onReject }: ChatOptions): AlertSink {
  const inTurn = createTurns();
  const unfinished = createUnfinished();
  return {
    name,
    write: (documents) =>
      inTurn(async () => {
        for (const document of unfinished.rest(documents)) {
          const body = JSON.stringify(messages[style](document, links));
          const answer = await poster.post('', { 'content-type': 'application/json' }, body);
          if (!isSuccess(answer)) {
            if (!CONTENT_FAULTS.has(answer.status)) throw refusal(answer);
            await onReject(name, document, `HTTP ${answer.status}`);
          }
          unfinished.have([document]);
        }
        unfinished.finish();
      }),
    close: () => inTurn(() => poster.close()),
  };
}
