export const later = async (ms, value) => value;
