import type { DirectCommand } from '../domain/command';
import type { CanaryPlay } from './canary';
import { forgetKey, type Memory } from './forget';
import type { Effects } from './types';

/** Carries a command out at its place in the log. Taken once more in its order, it changes nothing. */
export function obey(command: DirectCommand, memory: Memory, canary: CanaryPlay, effects: Effects): void {
  const { book, declarations, mutes } = memory;
  switch (command.type) {
    case 'expect': {
      const { key, facets, until, by } = command;
      declarations.expect({ key, facets, until, by });
      return;
    }
    case 'mute': {
      const { key, facet, until, by } = command;
      mutes.mute({ key, facet, until, by });
      return;
    }
    case 'unmute':
      mutes.unmute(command.key, command.facet);
      return;
    case 'outcome': {
      const { type: _, ...note } = command;
      book.outcome(note);
      const over = memory.acts.note(note);
      if (over) book.mention(note.key, note.incidentId, memory.state.gate.watermark, effects);
      return;
    }
    case 'canary':
      canary.play(command, effects);
      return;
    case 'history':
      if (command.until === 0 && memory.learning.until() > 0) {
        memory.book.import([]);
        effects.alerts.push(memory.learning.notice());
      }
      memory.learning.begin(command.until);
      return;
    case 'policy':
      memory.state.policies = [command.policy];
      book.govern(command.policy);
      return;
    case 'forget':
      forgetKey(command.key, memory);
      return;
  }
}
