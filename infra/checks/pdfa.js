// Run by Rhino inside veraPDF's own jar (infra/checks/pdfa.py): checks each file against PDF/A-3B.
importPackage(Packages.org.verapdf.pdfa);
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
var flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour.PDFA_3_B;
for (var i = 0; i < arguments.length; i++) {
  print("file\t" + arguments[i]);
  var stream = new java.io.FileInputStream(arguments[i]);
  try {
    var parser = Foundries.defaultInstance().createParser(stream, flavour);
    var result = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
    var assertions = result.getTestAssertions().iterator();
    while (assertions.hasNext()) {
      var assertion = assertions.next();
      var rule = assertion.getRuleId();
      print("fault\t" + rule.getClause() + "-" + rule.getTestNumber() + " " + assertion.getMessage());
    }
    if (!result.isCompliant() && result.getTestAssertions().isEmpty()) print("fault\tnot compliant");
    if (result.getTotalAssertions() > 0) print("checked\t" + arguments[i]);
    parser.close();
  } catch (unreadable) {
    print("fault\tunreadable: " + String(unreadable).replace(/\s+/g, " "));
    print("checked\t" + arguments[i]);
  } finally {
    stream.close();
  }
}
