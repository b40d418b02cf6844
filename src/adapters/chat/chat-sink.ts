import type { AlertSink } from '../../ports';
import type { Poster } from '../http-post';
import { createPostingSink } from '../posting-sink';
import type { LinkTemplates } from '../siem/links';
import { slackMessage } from '../siem/slack';
import { teamsMessage } from '../siem/teams';
import type { RejectDocument } from '../undelivered';

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
  return createPostingSink({
    name,
    poster,
    onReject,
    requestOf: (document) => ({ headers: {}, body: JSON.stringify(messages[style](document, links)) }),
  });
}
