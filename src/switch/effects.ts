/** What the house does after the disk has a unit: bells, answers to stations, word to the screens. */
import type { AlarmState } from './alarms/alarm.ts';
import type { HouseAlarms } from './alarms/house-alarms.ts';
import type { Effect } from './change.ts';
import type { StationDelivery } from './delivery/station-delivery.ts';
import type { Bells } from './redis/open-bells.ts';
import type { Screens } from './screens.ts';

/** Who takes part in doing it. */
export interface EffectPorts {
  readonly bells: Bells;
  readonly delivery: StationDelivery;
  readonly screens: Screens;
  readonly alarms: HouseAlarms;
  /** Lets work go on by itself; its failure is a fault of the house. */
  background(work: Promise<unknown>): void;
}

/** Does what follows from what is now on disk. Nothing here may throw; every effect can be found again in the ledger. */
export function performEffects(ports: EffectPorts, effects: readonly Effect[]): void {
  const { bells, delivery, screens, alarms, background } = ports;
  if (alarms.isLedgerFailing) {
    alarms.ledgerKept();
    screens.tellStatus();
  }
  for (const effect of effects) {
    switch (effect.do) {
      case 'arm':
        background(bells.scheduler.arm(effect.bell));
        break;
      case 'disarm':
        background(bells.scheduler.disarm(effect.bell));
        break;
      case 'ready':
        background(bells.queue.put(effect.bell));
        break;
      case 'deliver':
        delivery.deliver(effect.stationId);
        break;
      case 'changed':
        screens.tellChanged(effect.what, effect.id);
        break;
      case 'alarm':
        screens.tellAlarm(effect.id, effect.alarm as AlarmState);
        break;
    }
  }
}
