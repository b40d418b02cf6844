import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One Elasticsearch node inside this process, for tests: the server jar and its HTTP transport, nothing of the default
 * distribution's modules. Arguments: home folder, modules folder, then settings as key=value. Runs until it is killed.
 */
public class SearchNode {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Files.createDirectories(home.resolve("config"));
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < args.length; i++) {
            int at = args[i].indexOf('=');
            settings.put(args[i].substring(0, at), args[i].substring(at + 1));
        }
        settings.put("path.home", home.toString());
        LogConfigurator.setNodeName("keywatch-test");
        LogConfigurator.configureWithoutConfig(Settings.EMPTY);
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.EMPTY, settings, home.resolve("config"), () -> "keywatch-test");
        PluginsLoader loader = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(Path.of(args[1])), Set.of(), Map.of(), false);
        Node node = new Node(environment, loader);
        node.start();
        System.out.println("started");
        Thread.currentThread().join();
    }
}
