import { describeMaster } from "./conformance.fixture.ts";
import { hudsonUnderTest } from "./hudson-under-test.fixture.ts";

describeMaster("a real Hudson, as the adapter sees it", hudsonUnderTest);
