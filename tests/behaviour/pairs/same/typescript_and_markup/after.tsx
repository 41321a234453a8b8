import type { User } from './types';
import React, { useState } from 'react';

enum Mode {
  Short,
  Long,
}

export async function load(id: string): Promise<User> {
  const user: User = await api.get<User>(id);
  return decorate(user, Mode.Long);
}

export const Page: React.FC<{ id: string }> = ({ id }) => {
  const [user, setUser] = useState<User | null>(null);
  return <button onClick={() => load(id).then(setUser)}>{user!.name}</button>;
};
