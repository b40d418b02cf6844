import type { DirectCommand } from '../domain/command';
import type { Declarations } from './declarations';
import type { Mutes } from './mutes';

/** The parts of a partition's state that commands change. */
export interface Commanded {
  readonly declarations: Declarations;
  readonly mutes: Mutes;
}

/** Carries a command out at its place in the log. Taken once more in its order, it changes nothing. */
export function obey(command: DirectCommand, { declarations, mutes }: Commanded): void {
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
  }
}
