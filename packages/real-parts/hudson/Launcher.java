/**
 * Starts Hudson on a present Java. Its own entry refuses every Java whose version does not read like "1.8": it is told such a version,
 * and nothing else about it is changed. The property can't be set from outside, since Java overwrites it at its start.
 */
public final class Launcher {
    private Launcher() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("java.version", "1.8.0_300");
        Class.forName("org.eclipse.hudson.war.Executable")
            .getMethod("main", String[].class)
            .invoke(null, (Object) args);
    }
}
