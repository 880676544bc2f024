/** Light, dark or as the system says; the choice is kept in this browser. */
import { useSyncExternalStore } from "react";
import type { ThemeName } from "../chart/palette";

export type ThemeChoice = "system" | ThemeName;

const KEY = "oriel.theme";
const media = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function current(): ThemeName {
  const choice = themeChoice();
  if (choice !== "system") return choice;
  return media.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  for (const listener of listeners) listener();
}

export function setTheme(choice: ThemeChoice): void {
  if (choice === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
  apply();
}

export function startTheme(): void {
  media.addEventListener("change", apply);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): ThemeName {
  return useSyncExternalStore(subscribe, current);
}
