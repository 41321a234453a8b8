import { setTimeout as delay } from 'node:timers/promises';

export function sleep(ms) {
  return delay(ms);
}
