import type { AlertDocument } from '../../domain/alert';
import { type LinkTemplates, linksOf } from './links';
import { messageOf } from './message';

/**
 * The document as a message for a Teams webhook (a workflow that posts an Adaptive Card). All texts are text runs, in
 * which Markdown has no meaning, unlike in text blocks; mentions would need entries that no card of ours has; `://` and
 * template braces are parted by a zero-width space. Links are actions, and lead only where the configuration says.
 */
export function teamsMessage(document: AlertDocument, templates: LinkTemplates): object {
  const { title, reason, facts, evidence, footer } = messageOf(document);
  const links = linksOf(document, templates);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            runs([run(title, { weight: 'Bolder', size: 'Medium' })]),
            runs([run(reason)]),
            ...facts.map(([name, value]) => runs([run(`${name}: `, { weight: 'Bolder' }), run(value)])),
            ...evidence.map((line) => runs([run(`• ${line}`)])),
            runs([run(footer, { isSubtle: true, size: 'Small' })]),
          ],
          actions: links.map((link) => ({ type: 'Action.OpenUrl', ...link })),
        },
      },
    ],
  };
}

export const runs = (inlines: readonly object[]) => ({ type: 'RichTextBlock', inlines });

export const run = (text: string, style: object = {}) => ({ type: 'TextRun', text: inert(text), ...style });

const inert = (text: string): string =>
  text.replace(/:\/\/|\{\{/g, (mark) => (mark === '://' ? ':\u200b//' : '{\u200b{'));
