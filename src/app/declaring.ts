import { takeCommands } from '../adapters/file/commands';
import { type Declared, watchDeclared } from '../adapters/inventory/declared';
import type { Log } from '../adapters/log';
import type { Config } from '../config';
import type { Forget } from '../domain/command';
import type { Inventory } from '../domain/inventory';
import type { Clock, InventoryStore, Telemetry } from '../ports';
import type { Runtime } from '../runtime';

interface Declaring {
  readonly config: Pick<Config, 'inventory' | 'addressLists' | 'state'>;
  readonly runtime: Pick<Runtime, 'declare' | 'command'>;
  readonly inventories: InventoryStore;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'inventory'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly forget: (command: Forget) => Promise<boolean>;
  /** Told of the inventory that is in force from now on. */
  readonly onInventory?: ((inventory: Inventory) => void) | undefined;
}

const SHOWN = 10;

/**
 * What people declare, brought into the running process: inventory and address lists when they have changed, and commands that
 * were left in the state directory. To be called every few seconds.
 */
export function declaring({
  config,
  runtime,
  inventories,
  clock,
  telemetry,
  log,
  forget,
  onInventory,
}: Declaring): () => Promise<void> {
  const look = watchDeclared(config, clock, (file, reason) =>
    log.error({ file, reason }, 'a file of what is declared cannot be read; what it held before stays in force'),
  );

  // A configuration that names no file any more ends what an earlier one declared.
  if (config.inventory === undefined && config.addressLists.length === 0) runtime.declare('');

  let waiting: Declared | undefined;

  async function inventory(): Promise<void> {
    const read = (await look()) ?? waiting;
    if (read === undefined) return;
    const keys = read.inventory.rows.length;
    // Durable before it is named: a journal must never point at rows that are not there.
    try {
      await inventories.save(read.inventory);
    } catch (error) {
      if (waiting === undefined) log.error({ error: messageOf(error) }, 'what is declared cannot be kept; tried again');
      waiting = read;
      return;
    }
    waiting = undefined;
    runtime.declare(read.inventory.digest);
    onInventory?.(read.inventory);
    telemetry.inventory(keys, read.bad.length);
    log.info({ keys, lists: read.inventory.lists.length, badLines: read.bad.length }, 'what is declared was read');
    for (const { file, line, reason } of read.bad.slice(0, SHOWN))
      log.warn({ file, line, reason }, 'a line of what is declared is not used');
  }

  return async () => {
    await inventory();
    await takeCommands(
      config.state.dir,
      async (command) => {
        if (command.type === 'forget') return forget(command);
        const partitions = await runtime.command(command);
        if (partitions > 0 && command.type === 'expect')
          log.info(
            { by: command.by, facets: command.facets, until: new Date(command.until).toISOString() },
            'a change of a key is expected',
          );
        return partitions > 0;
      },
      (name) => log.warn({ name }, 'a file among the commands is none; it was put aside'),
    );
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
