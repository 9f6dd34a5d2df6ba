// Preact and htm, from one place.
export { html, render, Component, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/htm-preact.js";
